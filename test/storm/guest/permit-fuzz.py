"""Calls the permit helper with what it must refuse, as root in the test machine; see ../permits.ts.

    python3 permit-fuzz.py '{"lists": 10000, "races": 500, "seed": 1}'

First argument lists drawn at random; then processes that become somebody else's while the helper is at work: one that
executes a set-uid program again and again, and one that ends and whose pid another user gets. The kernel reports each
prctl(PR_SET_PTRACER) of the machine, with the name of the program. Prints one JSON line.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from permits import BECOME, BUILT, Worker, call, identify  # noqa: E402

STRANGER = [f'{BUILT}/become', 'guest', '2001', f'{BUILT}/target', 'sleep']
TRACING = '/sys/kernel/tracing'
EVENT = f'{TRACING}/events/syscalls/sys_enter_prctl'
NASTY = ['', '-', '0', '01', '-1', '1e3', '99999999999999999999', '1:1', ':', '1:', ':1', '1:1:1', '/etc/shadow',
         '$(touch /tmp/owned)', '*', '\n', 'any', 'none', 'any\n', 'targets=1:1', '--', '-c', 'x' * 30000,
         ','.join(f'{n}:1' for n in range(1, 66)), '\udcff', '١:١']


def main():
    plan = json.loads(sys.argv[1])
    random.seed(plan['seed'])
    result = {'lists': 0, 'races': 0, 'answers': {}, 'calls': 0, 'offences': []}
    start_tracing()
    own = Worker('epoll')
    tracer = subprocess.Popen([*BECOME, 'sleep', 'infinity'])
    stranger = subprocess.Popen(STRANGER, stdout=subprocess.DEVNULL)
    time.sleep(0.3)
    ids = (own.id, identify(tracer.pid), identify(stranger.pid), identify(1), identify(os.getpid()))
    for _ in range(plan['lists']):
        words, right = draw(*ids)
        answer = ask(result, words)
        result['lists'] += 1
        if answer == 'permitted' and not right:
            result['offences'].append(f'permitted: {words!r}')
    suid = make_suid()
    for number in range(plan['races']):
        result['races'] += 1
        if number % 2 == 0:
            race_exec(result, suid, ids[1])
        else:
            race_pid(result, ids[1])
    for process in (own.process, tracer, stranger):
        process.kill()
    judge(result)
    print(json.dumps(result))


def draw(own, tracer, *others):
    """A list of words, and whether the helper may do what it says."""
    words = [f'targets={own}', f'tracer={random.choice([tracer, "any", "none"])}']
    kind = random.random()
    if kind < 0.05:
        return words, True
    if kind < 0.75:
        place = random.randrange(2)
        key, value = words[place].split('=')
        other = random.choice(others)
        words[place] = random.choice([
            f'{key}={text()}', f'{key}={value}{text()}', f'{key}={text()}{value}', f'{key}={other}',
            f'{key}={value},{other}', f'{key}={other},{value}', f'{key}={value},{value}', f'{key}={value} ', value,
            f'{key}={value.split(":")[0]}:{random.randrange(10**6)}', f'{key.upper()}={value}', text()])
        return words, is_right(words, own, tracer)
    return [text() for _ in range(random.randrange(6))], False


# What was drawn may be right by chance.
def is_right(words, own, tracer):
    return words[0] == f'targets={own}' and words[1] in (f'tracer={tracer}', 'tracer=any', 'tracer=none')


def text():
    if random.random() < 0.4:
        return random.choice(NASTY)
    return ''.join(random.choice('0123456789:,=- anyoe\n') for _ in range(random.randrange(12)))


def ask(result, words):
    one = call(words, None)
    answer = 'no answer' if one is None else one['answer']
    kind = re.sub(r'\d+', 'N', answer)
    result['answers'][kind] = result['answers'].get(kind, 0) + 1
    if answer == 'no answer' or answer.startswith('failed'):
        result['offences'].append(f'{answer}: {words!r}'[:500])
    return answer


def make_suid():
    path = '/tmp/stranger'
    shutil.copyfile(f'{BUILT}/worker', path)
    os.chmod(path, 0o4755)
    return path


def race_exec(result, suid, tracer):
    process = subprocess.Popen([*BECOME, f'{BUILT}/worker', 'exec', suid], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(random.uniform(0, 0.02))
    ask(result, [f'targets={identify(process.pid)}', f'tracer={tracer}'])
    if process.poll() is not None:
        result['offences'].append('the program that executes others has ended')
    process.kill()
    process.wait()


# A process of another user's gets the pid at a random moment of the helper's work.
def race_pid(result, tracer):
    worker = Worker('busy')
    moment = random.uniform(0, 0.03)
    child = os.fork()
    if child == 0:
        time.sleep(moment)
        worker.process.kill()
        worker.process.wait()
        with open('/proc/sys/kernel/ns_last_pid', 'w') as file:
            file.write(str(worker.pid - 1))
        stranger = subprocess.Popen(STRANGER, stdout=subprocess.DEVNULL)
        time.sleep(0.05)
        stranger.kill()
        os._exit(0)
    ask(result, [f'targets={worker.id}', f'tracer={tracer}'])
    os.waitpid(child, 0)
    worker.process.kill()
    worker.process.wait()


def start_tracing():
    if not os.path.exists(EVENT):
        subprocess.run(['mount', '-t', 'tracefs', 'none', TRACING], check=True)
    write(f'{EVENT}/filter', f'option == {0x59616d61}')
    write(f'{EVENT}/enable', '1')
    write(f'{TRACING}/trace', '')


def judge(result):
    write(f'{EVENT}/enable', '0')
    with open(f'{TRACING}/trace') as file:
        lines = [line.strip() for line in file if 'prctl' in line and not line.startswith('#')]
    result['calls'] = len(lines)
    result['offences'] += [line for line in lines if not line.startswith('worker-')]


def write(path, content):
    with open(path, 'w') as file:
        file.write(content)


main()
