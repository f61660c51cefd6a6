import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';

/** What samples take for granted. */
const ambient = `
declare function model(
  sample: { data: Float32Array; dims: readonly number[] },
  timestep: number,
): Promise<{ data: Float32Array; dims: readonly number[] }>;
`;

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
  skipLibCheck: true,
};

/** Type-checks a text as if it lay beside the README, against the package as it is built. */
function check(source: string): string[] {
  const name = 'readme-sample.ts';
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.getSourceFile = (file, version) =>
    file === name
      ? ts.createSourceFile(name, source, version)
      : getSourceFile.call(host, file, version);
  const program = ts.createProgram([name], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the README', function () {
  this.timeout(60_000);
  const text = readFileSync('README.md', 'utf8');
  const samples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, sample]) => sample!);

  it('has samples', () => expect(samples).to.have.length.above(4));

  for (const [i, sample] of samples.entries()) {
    it(`has a sample that type-checks: ${sample.split('\n')[0]}`, () => {
      // Each stands for itself, or goes on from the first import of the elements.
      const before = i > 0 && !sample.includes('import') ? "import 'diffusion-elements';\n" : '';
      expect(check(`${before}${sample}${ambient}export {};`)).to.deep.equal([]);
    });
  }

  it('would fail with a sample that is wrong', () => {
    const wrong = "import { configure } from 'diffusion-elements';\nconfigure({ cache: 'yes' });";
    expect(check(wrong)).to.have.length(1);
  });
});
