// Linear memory belongs to the page's allocator (components/kernels/arena.ts); this module only says
// where the free part starts, and grows it.

/** The first byte that no static data uses, aligned to 16. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/** Grows memory so that it holds `bytes` bytes; false where the engine refuses. */
export function reserve(bytes: usize): bool {
  const pages = <i32>((bytes + 0xffff) >>> 16);
  const missing = pages - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}
