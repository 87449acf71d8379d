import { expect, test } from 'vitest';
import { readBundled } from '../../packaging/bundled.ts';
import { makeSbom } from '../../packaging/sbom.ts';

test('the SBOM names exactly what is bundled, with the licences, and how it hangs together', async () => {
  const sbom = await makeSbom();
  const named = sbom.components.map(({ name, version, licenses: [license] }) => {
    return `${name} ${version} (${license!.license?.id ?? license!.expression})`;
  });
  const bundled = readBundled().map(({ name, version, license }) => `${name} ${version} (${license})`);
  expect(named.sort()).toEqual(bundled.sort());

  const own = sbom.metadata.component['bom-ref'];
  const reached = new Set([own]);
  // A set that grows is walked to its end.
  for (const each of reached) {
    for (const next of sbom.dependencies.find(({ ref }) => ref === each)!.dependsOn) reached.add(next);
  }
  expect([...reached].sort()).toEqual([own, ...sbom.components.map((each) => each['bom-ref'])].sort());
});

test('the SBOM is the same one each time', async () => {
  expect(await makeSbom()).toEqual(await makeSbom());
});
