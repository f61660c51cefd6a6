import type { ComplexAttributeConverter } from 'lit';

/**
 * Numbers as attributes. Text that is no number stays text, so that the error which `generate()` gives
 * can name it; an attribute that is gone or empty is undefined.
 */
export const numberAttribute: ComplexAttributeConverter<number | undefined> = {
  fromAttribute(text) {
    if (text === null || text.trim() === '') return undefined;
    const value = Number(text);
    return Number.isNaN(value) ? (text as unknown as number) : value;
  },
  toAttribute: (value) => value?.toString(),
};

/** Seeds: as above, but whole numbers above 2^53 stay exact as bigint. */
export const seedAttribute: ComplexAttributeConverter<number | bigint | undefined> = {
  fromAttribute(text) {
    const value = numberAttribute.fromAttribute!(text);
    return text && /^\s*\d+\s*$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
  },
  toAttribute: (value) => value?.toString(),
};
