import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readBundled } from './bundled.ts';

/** What we read of CycloneDX, in JSON. */
export interface Sbom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
}

const WORDS = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];

/**
 * Of what `npm sbom` lists, the packages that went into the bundle. npm takes those for tools of development, calls us by
 * the name of the folder, and adds the time of day and a number by chance.
 */
export async function makeSbom(): Promise<Sbom> {
  const { stdout } = await execa('npm', WORDS, { cwd: new URL('..', import.meta.url) });
  const { serialNumber, ...sbom } = JSON.parse(stdout);
  const { timestamp, lifecycles, component, ...metadata } = sbom.metadata;
  const bundled = new Set(readBundled().map(({ name, version }) => `${name}@${version}`));
  const isOurs = (ref: string) => ref === component['bom-ref'] || bundled.has(ref);
  return {
    ...sbom,
    metadata: { ...metadata, component: { ...component, name: 'ptrace-shim' } },
    components: (sbom as Sbom).components
      .filter((each) => bundled.has(each['bom-ref']))
      .map((each) => ({ ...each, scope: 'required', properties: [] })),
    dependencies: (sbom as Sbom).dependencies
      .filter(({ ref }) => isOurs(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isOurs) })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await makeSbom(), null, 2));
}
