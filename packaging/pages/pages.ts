/** `npm run pages`: ptrace-scope-troubleshooting(7) as a page of the web, and as pages for Fedora's Quick Docs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convert } from '@asciidoctor/core';
import { readManPage, type Section } from './asciidoc.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const HEADER = `= “ptrace: Operation not permitted” when gdb or strace attaches
The ptrace-shim authors
:description: What gdb, strace, lldb, gcore, ltrace and others print when they may not attach to a process, \
how to find the cause, and the way out of each.
:keywords: ptrace, ptrace_scope, yama, gdb, strace, lldb, Operation not permitted, attach, deny_ptrace
// Made from ptrace-scope-troubleshooting(7) of ptrace-shim, by: npm run pages
`;

/** For whoever comes from a search, and has not heard of it. */
const NOTE = `\`+ptrace-shim+\`, with which some commands on this page begin, is a program that explains a refused attach \
and offers a way through: \`+npm install --global ptrace-shim+\`. The other commands do without it.`;

/** Each page by its path in the repository, as it has to be. */
export async function renderPages(): Promise<Record<string, string>> {
  const [, description, ...sections] = await readManPage(`${ROOT}/man/ptrace-scope-troubleshooting.7`);
  const page = joinBlocks(HEADER, description!.body, NOTE, ...sections.map(renderSection));
  return {
    'docs/ptrace-scope-troubleshooting.html': await renderWebPage(page),
    'docs/quick-docs/ptrace-scope-troubleshooting.adoc': page,
    'docs/quick-docs/selinux-deny-ptrace.adoc': renderSelinuxPart(sections),
  };
}

function renderSection({ anchor, title, level, body }: Section): string {
  return joinBlocks(`[#${anchor}]\n${'='.repeat(level + 1)} ${title}`, body);
}

/** A section for a page about SELinux. */
function renderSelinuxPart(sections: readonly Section[]): string {
  const selinux = sections.find(({ anchor }) => anchor === 'selinux')!;
  return joinBlocks(
    renderSection({
      ...selinux,
      anchor: 'deny-ptrace',
      title: 'When gdb or strace may not attach: deny_ptrace',
      level: 1,
    }),
    'What else refuses an attach: xref:ptrace-scope-troubleshooting.adoc[].',
  );
}

function joinBlocks(...blocks: readonly string[]): string {
  const filled = blocks.map((block) => block.trim()).filter((block) => block !== '');
  return `${filled.join('\n\n')}\n`;
}

async function renderWebPage(page: string): Promise<string> {
  const attributes = {
    toc: '',
    'toc-title': 'On this page',
    sectlinks: '',
    stylesheet: 'page.css',
    'linkcss!': '',
    'webfonts!': '',
    nofooter: '',
  };
  const folder = fileURLToPath(new URL('.', import.meta.url));
  return String(await convert(page, { standalone: true, safe: 'server', base_dir: folder, attributes }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await renderPages())) {
    mkdirSync(dirname(`${ROOT}/${path}`), { recursive: true });
    writeFileSync(`${ROOT}/${path}`, text);
    console.log(`wrote ${path}`);
  }
}
