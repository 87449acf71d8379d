import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { convert, LoggerManager, MemoryLogger } from '@asciidoctor/core';
import { describe, expect, test } from 'vitest';
import { renderPages } from '../../packaging/pages/pages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = await renderPages();
const WEB_PAGE = PAGES['docs/ptrace-scope-troubleshooting.html']!;

const MAN_PAGE = readFileSync(`${ROOT}/man/ptrace-scope-troubleshooting.7`, 'utf8')
  .replaceAll('\\-', '-')
  .replaceAll('\\&', '');

function findInManPage(pattern: RegExp): string[] {
  return [...MAN_PAGE.matchAll(pattern)].map(([, found]) => found!);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

test.each(Object.keys(PAGES))('%s is what the manual page says; else: npm run pages', (path) => {
  expect(readFileSync(`${ROOT}/${path}`, 'utf8')).toBe(PAGES[path]);
});

describe('the web page', () => {
  test.each(findInManPage(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$/gm))('has in one piece: %s', (printed) => {
    expect(WEB_PAGE).toContain(`<pre>${escapeHtml(printed.trimEnd())}</pre>`);
  });

  test.each(findInManPage(/^\.Dq (.*?)(?: [.,:;])?$/gm))('has in one piece: “%s”', (said) => {
    expect(WEB_PAGE).toContain(`“${escapeHtml(said)}”`);
  });

  test.each(findInManPage(/^(?:\.Pq )?\.?Ql (.*?)(?: [.,:;])?$/gm))('has as it is typed: %s', (typed) => {
    expect(WEB_PAGE).toContain(`<code>${escapeHtml(typed)}</code>`);
  });

  test.each(findInManPage(/^\.Ss (.*)$/gm))('can be linked to at #%s', (cause) => {
    expect(WEB_PAGE).toContain(`<h3 id="${cause}">`);
  });

  test('has what each of its links leads to', () => {
    const targets = [...WEB_PAGE.matchAll(/href="#([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !WEB_PAGE.includes(` id="${target}"`))).toEqual([]);
  });

  test('loads nothing', () => {
    expect(WEB_PAGE).not.toMatch(/<script|<link|<iframe|src=|url\(|@import/);
  });
});

test('Asciidoctor has nothing to say against the pages for Quick Docs', async () => {
  const logger = new MemoryLogger();
  LoggerManager.logger = logger;
  for (const path of Object.keys(PAGES).filter((each) => each.endsWith('.adoc'))) {
    await convert(PAGES[path]!, { sourcemap: true });
  }
  expect(logger.getMessages().map((message) => message.getText())).toEqual([]);
});
