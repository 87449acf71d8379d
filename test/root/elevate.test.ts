import { expect, test } from 'vitest';
import { environment } from '../../src/root/elevate.ts';

const env = { PATH: '/bin', SHELL: '/opt/not-in-etc-shells' };

test('starts pkexec without SHELL, which it would judge by /etc/shells', () => {
  expect(environment('pkexec', env)).toEqual({ PATH: '/bin', SHELL: undefined });
  expect(environment('sudo', env)).toEqual(env);
});

test('hands nothing of the environment to a root process that nobody elevated', () => {
  expect(environment('root', env)).toEqual({});
});
