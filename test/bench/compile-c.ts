import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CModule {
  readonly memory: WebAssembly.Memory;
  /** Its functions by their names; pointers are bytes of `memory`, which is free from the second MiB on. */
  readonly functions: Readonly<Record<string, (...values: number[]) => void>>;
}

/** A C file as WASM, by clang; undefined where there is none. */
export function compileC(file: string, memory = 1 << 22): CModule | undefined {
  const wasm = join(mkdtempSync(join(tmpdir(), 'bench-')), 'bench.wasm');
  const flags = ['--target=wasm32', '-O3', '-msimd128', '-ffp-contract=off'];
  const bare = ['-nostdlib', '-ffreestanding'];
  const link = ['-Wl,--no-entry', `-Wl,--initial-memory=${memory}`];
  try {
    execFileSync('clang', [...flags, ...bare, ...link, file, '-o', wasm], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)));
  return {
    memory: exports.memory as WebAssembly.Memory,
    functions: exports as unknown as CModule['functions'],
  };
}
