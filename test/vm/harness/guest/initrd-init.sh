#!/bin/busybox sh
# /init of the test machine's initrd: puts the read-only root under a layer of memory, and goes on in there.
# shellcheck shell=sh
set -e

/bin/busybox mkdir -p /bin /dev /layer /lower /root
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
exec </dev/console >/dev/console 2>&1

node=$(cat /node) # the folder of the root that holds bin/node

for module in /modules/*; do
  insmod "$module" || echo "left out: $module" # such as a faster way that this processor does not have
done

shared=trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro
case $(cat /kind) in
  folder) mount -t 9p -o "$shared" root /lower ;;
  image) mount -t ext4 -o ro /dev/vda /lower ;;
esac
mount -t tmpfs -o mode=755,size=75% tmpfs /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /root

# The checkout and Node may lie where ordinary users can't go, under /root for one.
mkdir -p /root/opt/ptrace-shim /root/opt/node
mount -t 9p -o "$shared" checkout /root/opt/ptrace-shim
mount --bind "/root$node" /root/opt/node

# What was changed of the root's files, to be looked at without a walk through all of them.
mkdir -p /root/opt/changes
mount --bind -o ro /layer/upper /root/opt/changes

ip link set lo up
umount -l /dev
exec switch_root /root /bin/sh /opt/ptrace-shim/test/vm/harness/guest/init.sh
