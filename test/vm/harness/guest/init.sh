#!/bin/sh
# The first process of the test machine, in its root under a layer of memory: makes it a machine of its own, with users and
# administrators, and has systemd run it.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
umask 022

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/console >/dev/console 2>&1
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,gid=5,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ln -sf /proc/self/fd /dev/fd
for stream in stdin:0 stdout:1 stderr:2; do
  ln -sf "/proc/self/fd/${stream#*:}" "/dev/${stream%:*}"
done

# Nothing of the host's own state shows through.
mount -t tmpfs -o mode=755 tmpfs /run
for folder in /tmp /var/tmp; do
  mount -t tmpfs -o mode=1777 tmpfs "$folder"
done
mount -t tmpfs -o mode=755 tmpfs /home
mount -t tmpfs -o mode=700 tmpfs /root
mkdir -p /run/lock /run/dbus
for settings in /etc/sysctl.d /etc/sudoers.d /etc/polkit-1/rules.d; do
  [ ! -d "$settings" ] || mount -t tmpfs -o mode=755 tmpfs "$settings"
done

echo vm >/proc/sys/kernel/hostname
printf '127.0.0.1 localhost vm\n' >/etc/hosts
rm -f /etc/nologin /etc/environment /.dockerenv # the host may be a container; the guest is a machine

# What is compiled for another machine than the host lies in a folder of its own.
built=/opt/ptrace-shim/test/fixtures/built
[ ! -d "$built/$(uname -m)" ] || mount --bind "$built/$(uname -m)" "$built"

# In everybody's PATH is the Node that runs the tests, wherever the host has that.
for node in /usr/local/bin/node /usr/bin/node; do
  # shellcheck disable=SC3013 # dash and bash have -ef
  [ "$node" -ef /opt/node/bin/node ] || ln -sf /opt/node/bin/node "$node"
done

# At its first start fish would make completions from every manual page of the host, which takes this machine a while.
pages=/usr/share/fish/tools/create_manpage_completions.py
[ ! -e "$pages" ] || : >"$pages"

# The accounts. The passwords are dev-pass, guest-pass and root-pass, hashed with few rounds: it is a slow machine.
admins=sudo
grep -q '^sudo:' /etc/group || admins=wheel
own() { awk -F: '$1 != "dev" && $1 != "guest" && $3 != 2000 && $3 != 2001' "$1" 2>/dev/null; }
passwd=$(own /etc/passwd)
group=$(own /etc/group | awk -F: -v OFS=: -v admins="$admins" '$1 == admins { $4 = "dev" } { print }')
rm -f /etc/passwd /etc/group /etc/shadow /etc/gshadow
printf '%s\n' "$passwd" 'dev:x:2000:2000::/home/dev:/bin/bash' 'guest:x:2001:2001::/home/guest:/bin/bash' >/etc/passwd
printf '%s\n' "$group" 'dev:x:2000:' 'guest:x:2001:' >/etc/group
(
  umask 077
  cat >/etc/shadow <<'EOT'
root:$5$rounds=1000$ptraceshim$p6gAaYQco5dDO9oviIO02Ev1KxXD2lXAh9JBdTTEz03:19000:0:99999:7:::
dev:$5$rounds=1000$ptraceshim$6Z7HZyjaZvdmnoAtRGDL86ajQT4F7Wc9uwnbxjTKq9.:19000:0:99999:7:::
guest:$5$rounds=1000$ptraceshim$lpVy9JN6RaXfTjyIdkTyo9r.F5t2phGhrUlywBGNfGB:19000:0:99999:7:::
EOT
)
for user in dev:2000 guest:2001; do
  id=${user#*:} home=/home/${user%:*}
  mkdir -p "$home" "/run/user/$id"
  : >"$home/.zshrc" # or zsh asks a newcomer to write one
  chmod 700 "$home" "/run/user/$id"
  chown -R "$id:$id" "$home" "/run/user/$id"
done
chmod 755 /run/user

# Administrators, by the distributions' stock rules: the members of the group, with their own password.
rm -f /etc/sudoers
cat >/etc/sudoers <<EOT
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Defaults use_pty
root ALL=(ALL:ALL) ALL
%$admins ALL=(ALL:ALL) ALL
EOT
chmod 440 /etc/sudoers
echo "polkit.addAdminRule(function () { return ['unix-group:$admins']; });" >/etc/polkit-1/rules.d/50-default.rules

[ -s /etc/machine-id ] || rm -f /etc/machine-id
dbus-uuidgen --ensure=/etc/machine-id

# systemd goes on from here, with what we name and nothing of the root's own choice: most of what it starts on a real
# machine looks for devices, or makes what has been made above.
units=/run/systemd/system stock=/usr/lib/systemd/system
mkdir -p "$units" /run/systemd/journald.conf.d
mount -t tmpfs -o mode=755 tmpfs /etc/systemd/system
: >/etc/fstab
for unit in "$stock"/sysinit.target.wants/* "$stock"/local-fs.target.wants/* "$stock"/sockets.target.wants/* \
  "$stock"/timers.target.wants/* "$stock"/basic.target.wants/* "$stock"/modprobe@.service; do
  case ${unit##*/} in
    dbus* | systemd-journald* | systemd-logind*) ;;
    *) ln -sf /dev/null "$units/${unit##*/}" ;;
  esac
done
# polkit's helper checks passwords; up to polkit 126 it is set-uid, and needs no unit.
wanted='dbus.service polkit.service systemd-logind.service systemd-journald.service'
[ ! -e "$stock/polkit-agent-helper.socket" ] || wanted="$wanted polkit-agent-helper.socket"
cat >"$units/test.target" <<'EOT'
[Unit]
Wants=agent.service
EOT
cat >"$units/agent.service" <<EOT
[Unit]
Wants=$wanted
After=$wanted
DefaultDependencies=no
[Service]
ExecStart=/bin/sh /opt/ptrace-shim/test/vm/harness/guest/agent.sh
EOT
printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >/run/systemd/journald.conf.d/test.conf

# What was made before SELinux has its policy has no labels.
if grep -q selinux=1 /proc/cmdline; then
  load_policy -i
  find /opt/changes -printf '/%P\n' | restorecon -F -f - 2>/dev/null
  restorecon -RF /dev /home /root /run /tmp /var/tmp
  echo 'SELinuxContext=unconfined_u:unconfined_r:unconfined_t:s0' >>"$units/agent.service"
fi
exec /usr/lib/systemd/systemd --unit=test.target
