import type {
  ComplexAttributeConverter,
  LitElement,
  PropertyDeclaration,
  PropertyValues,
} from 'lit';
import { property } from 'lit/decorators.js';

/**
 * Numbers as attributes. Text that is no number stays text, so that the error which `generate()` gives
 * can name it; an attribute that is gone or empty is undefined.
 */
const numberAttribute: ComplexAttributeConverter<number | undefined> = {
  fromAttribute(text) {
    if (text === null || text.trim() === '') return undefined;
    const value = Number(text);
    return Number.isNaN(value) ? (text as unknown as number) : value;
  },
  toAttribute: (value) => value?.toString(),
};

/** Seeds: as above, but whole numbers above 2^53 stay exact as bigint. */
const seedAttribute: ComplexAttributeConverter<number | bigint | undefined> = {
  fromAttribute(text) {
    const value = numberAttribute.fromAttribute!(text);
    return text && /^\s*\d+\s*$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
  },
  toAttribute: (value) => value?.toString(),
};

/** Whether one of these properties has changed. */
export const hasChanged = (changed: PropertyValues, names: readonly string[]): boolean =>
  names.some((name) => changed.has(name));

type PropertyDecorator = (prototype: LitElement, name: string) => void;

/** A property that takes text as its attribute does: frameworks hand over what stands in their templates. */
function textual<T>(
  converter: ComplexAttributeConverter<T>,
  options: PropertyDeclaration,
): PropertyDecorator {
  const declare = property({ ...options, converter });
  return (prototype, name) => {
    declare(prototype, name);
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, name)!;
    Object.defineProperty(prototype, name, {
      get,
      set(value: unknown) {
        const isText = typeof value === 'string';
        set!.call(this, isText ? converter.fromAttribute!(value) : (value ?? undefined));
      },
      configurable: true,
      enumerable: true,
    });
  };
}

/** A numeric property and its attribute. */
export const numeric = (options: PropertyDeclaration = {}): PropertyDecorator =>
  textual(numberAttribute, options);

/** A seed, as a property and its attribute. */
export const seedNumber = (options: PropertyDeclaration = {}): PropertyDecorator =>
  textual(seedAttribute, options);

/** A property that is true where its attribute is not `off`. */
export const onUnlessOff = (options: PropertyDeclaration = {}): PropertyDecorator =>
  textual({ fromAttribute: (text) => text !== 'off' }, options);

/** Text that is left out where it is empty, so that an element writes no attribute that nobody set. */
export const nameAttribute: ComplexAttributeConverter<string> = {
  fromAttribute: (text) => text ?? '',
  toAttribute: (value) => value || null,
};
