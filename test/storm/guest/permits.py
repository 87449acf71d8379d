"""Permissions in a row to one worker after the other, as root in the test machine; see ../permits.ts.

    python3 permits.py '{"workers": ["epoll", ...], "permits": 100, "kill": false, "seed": 1}'

Loads the helper once and calls it in a fork for each permission, as the start of Python takes longer than all the rest.
With "kill" each fork is killed -9 at a random moment of its work. Prints one JSON line for each worker.
"""
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time

ROOT = '/opt/ptrace-shim'
BUILT = f'{ROOT}/test/fixtures/built'
HELPER = f'{ROOT}/libexec/ptrace-permit'
BECOME = [f'{BUILT}/become', 'dev', '2000']

loader = importlib.machinery.SourceFileLoader('permit', HELPER)
sys.dont_write_bytecode = True
permit = importlib.util.module_from_spec(importlib.util.spec_from_loader('permit', loader))
loader.exec_module(permit)


def main():
    plan = json.loads(sys.argv[1])
    random.seed(plan['seed'])
    tracer = subprocess.Popen([*BECOME, 'sleep', 'infinity'])
    for verb in plan['workers']:
        print(json.dumps(storm(verb, identify(tracer.pid), plan)), flush=True)
    tracer.kill()


def storm(verb, tracer, plan):
    result = {'worker': verb, 'permits': 0, 'answers': {}, 'killed': 0, 'rounds': 0, 'wrong': [], 'times': [], 'gaps': []}
    worker = Worker(verb)
    for number in range(plan['permits']):
        if not worker.lives():
            break
        value = random.choice([tracer, 'any', 'none'])
        # What one permission takes is what the last ones took.
        typical = sorted(result['times'])[len(result['times']) // 2] if result['times'] else 0.02
        moment = random.uniform(0, typical * 1.2) if plan['kill'] and number >= 10 else None
        one = call([f'targets={worker.id}', f'tracer={value}'], moment)
        result['permits'] += 1
        result['killed'] += one is None
        if one is not None:
            answer = one['answer'].replace(str(worker.pid), 'N')
            result['answers'][answer] = result['answers'].get(answer, 0) + 1
            result['times'].append(one['time'])
            result['gaps'] += one['gaps']
        elif number % 10 == 9:
            # It has time to notice; another one takes its place when it was harmed.
            time.sleep(0.01)
        if plan['kill'] and number % 50 == 49:
            result = worker.end(result)
            worker = Worker(verb)
    result = worker.end(result)
    for name in ('times', 'gaps'):
        found = sorted(result[name]) or [0]
        result[name] = {'median': found[len(found) // 2], 'most': found[-1]}
    return result


class Worker:
    def __init__(self, verb):
        self.process = subprocess.Popen(
            [*BECOME, f'{BUILT}/worker', verb], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.process.stdout.readline().split()[1])
        self.id = identify(self.pid)

    def lives(self):
        return self.process.poll() is None

    def end(self, result):
        self.process.stdin.close()
        # A worker that waits for ever was harmed, too.
        signal.signal(signal.SIGALRM, lambda *_: self.process.kill())
        signal.alarm(30)
        said = self.process.stdout.read()
        signal.alarm(0)
        status = self.process.wait()
        words = said.split()
        if status != 0 or words[2:4] != ['wrong', '0']:
            result['wrong'].append(f'status {status}: {said.strip()}')
        if len(words) > 1:
            result['rounds'] += int(words[1])
        return result


def call(words, moment):
    """What the helper answers, and how long it took; None when it was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.environ['PKEXEC_UID'] = '2000'
            sys.argv = ['ptrace-permit', *words]
            os.write(theirs, json.dumps(measure()).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    if moment is not None:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    with open(ours) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def measure():
    writes = []
    write = permit.write_registers

    def watch(thread, registers, *kind):
        begun = time.perf_counter()
        write(thread, registers, *kind)
        if not kind:
            first = registers.x[0] if hasattr(registers, 'x') else registers.rdi
            writes.append((begun, time.perf_counter(), first == permit.PR_SET_PTRACER))

    permit.write_registers = watch
    begun = time.perf_counter()
    try:
        answer = permit.main()
    except permit.Refused as error:
        answer = f'refused: {error}'
    except (FileNotFoundError, ProcessLookupError, ChildProcessError):
        answer = 'refused: a process has ended meanwhile'
    except Exception as error:
        answer = f'failed: {error!r}'
    took = time.perf_counter() - begun
    gaps = [after[1] - before[0] for before, after in zip(writes, writes[1:]) if before[2] and not after[2]]
    return {'answer': answer, 'time': took, 'gaps': gaps}


def identify(pid):
    with open(f'/proc/{pid}/stat') as file:
        return f'{pid}:{file.read().rsplit(")", 1)[1].split()[19]}'


if __name__ == '__main__':
    main()
