// What `npm run build` makes of the elements' class comments besides their manifest: attributes of our own decorators,
// and typings of the tags for frameworks' templates, in dist/frameworks.
import { mkdirSync, writeFileSync } from 'node:fs';

/** Our own decorators declare an attribute, as Lit's `property` does. */
const attributeDecorators = ['numeric', 'seedNumber'];

function attributeOf(node, ts) {
  for (const decorator of ts.getDecorators(node) ?? []) {
    const call = decorator.expression;
    if (!attributeDecorators.includes(call.expression?.getText())) continue;
    const option = call.arguments[0]?.properties.find(({ name }) => name.getText() === 'attribute');
    return option?.initializer.text ?? node.name.getText().toLowerCase();
  }
  return undefined;
}

export const ownDecorators = {
  name: 'own-decorators',
  analyzePhase({ ts, node, moduleDoc }) {
    if (!ts.isClassDeclaration(node)) return;
    const declaration = moduleDoc.declarations.find(({ name }) => name === node.name.getText());
    for (const member of node.members) {
      const attribute = ts.isPropertyDeclaration(member) && attributeOf(member, ts);
      if (!attribute) continue;
      const field = declaration.members.find(({ name }) => name === member.name.getText());
      field.attribute = attribute;
      const { name: fieldName, type, description } = field;
      (declaration.attributes ??= []).push({ name: attribute, fieldName, type, description });
    }
  },
};

/** Keeps the elements and what is public of them, under the paths that the package has. */
export const publicOnly = {
  name: 'public-only',
  packageLinkPhase({ customElementsManifest }) {
    const modules = customElementsManifest.modules.filter(({ declarations }) =>
      declarations.some(({ tagName }) => tagName),
    );
    for (const module of modules) {
      module.declarations = module.declarations.filter(({ tagName }) => tagName);
      const [element] = module.declarations;
      module.path = `dist/${element.tagName}.js`;
      module.exports = [
        {
          kind: 'js',
          name: element.name,
          declaration: { name: element.name, module: module.path },
        },
        {
          kind: 'custom-element-definition',
          name: element.tagName,
          declaration: { name: element.name, module: module.path },
        },
      ];
      const isPublic = ({ privacy, static: isStatic, name }) =>
        !privacy && !isStatic && !/^(#|form\w+Callback|eventTypes)/.test(name);
      element.members = element.members.filter(isPublic);
      element.events = element.events.filter(({ description }) => description);
      for (const each of [...element.members, ...element.attributes]) delete each.inheritedFrom;
    }
    customElementsManifest.modules = modules;
  },
};

const eventTypes = {
  progress: 'DiffusionProgressEvent',
  step: 'DiffusionStepEvent',
  load: 'DiffusionLoadEvent',
  error: 'DiffusionErrorEvent',
  abort: 'DiffusionAbortEvent',
};

/** Where an element's event of a name is another than that of the others. */
const ownEventTypes = { DiffusionTrain: { step: 'DiffusionTrainEvent' } };

const frameworks = {
  react: {
    imports: `import type { DetailedHTMLProps, HTMLAttributes } from 'react';`,
    module: 'react',
    open: 'namespace JSX {\n    interface IntrinsicElements {',
    tag: (name) =>
      `DetailedHTMLProps<Omit<HTMLAttributes<${name}>, keyof ${name}Attributes>, ${name}> & ${name}Attributes`,
    close: '}\n  }',
  },
  preact: {
    imports: `import type { HTMLAttributes } from 'preact';`,
    module: 'preact',
    open: 'namespace JSX {\n    interface IntrinsicElements {',
    tag: (name) => `Omit<HTMLAttributes<${name}>, keyof ${name}Attributes> & ${name}Attributes`,
    close: '}\n  }',
  },
  solid: {
    imports: `import type { JSX as SolidJSX } from 'solid-js';`,
    module: 'solid-js',
    open: 'namespace JSX {\n    interface IntrinsicElements {',
    tag: (name) =>
      `Omit<SolidJSX.HTMLAttributes<${name}>, keyof ${name}Attributes> & ${name}Attributes`,
    close: '}\n  }',
  },
  vue: {
    imports: `import type { DefineComponent } from 'vue';`,
    module: 'vue',
    open: 'interface GlobalComponents {',
    tag: (name) => `DefineComponent<${name}Attributes>`,
    close: '}',
  },
  svelte: {
    imports: `import type { HTMLAttributes } from 'svelte/elements';`,
    module: 'svelte/elements',
    open: 'interface SvelteHTMLElements {',
    tag: (name) => `Omit<HTMLAttributes<${name}>, keyof ${name}Attributes> & ${name}Attributes`,
    close: '}',
  },
};

/** The type of an attribute in a template: a number or an object may also be text. */
function attributeType(text) {
  const parts = text.split(' | ').filter((part) => part !== 'undefined' && part !== 'null');
  const isBoolean = parts.length === 1 && parts[0] === 'boolean';
  return isBoolean ? 'boolean' : [...new Set([...parts, 'string'])].join(' | ');
}

function attributesInterface({ name, attributes, events }) {
  const lines = attributes.flatMap(({ name: attribute, fieldName, type, description }) => {
    const names = [...new Set([attribute, fieldName])];
    return names.map(
      (each) => `  /** ${description} */\n  '${each}'?: ${attributeType(type?.text ?? 'string')};`,
    );
  });
  const handlers = events.flatMap(({ name: event }) => {
    // As React, Preact and Svelte write it, then Vue, then Solid.
    const names = [`on${event}`, `on${event[0].toUpperCase()}${event.slice(1)}`, `'on:${event}'`];
    const type = ownEventTypes[name]?.[event] ?? eventTypes[event] ?? 'Event';
    return names.map((each) => `  ${each}?: (event: ${type}) => void;`);
  });
  return `export interface ${name}Attributes {\n${[...lines, ...handlers].join('\n')}\n}\n`;
}

export const frameworkTypes = {
  name: 'framework-types',
  packageLinkPhase({ customElementsManifest }) {
    const elements = customElementsManifest.modules.flatMap(({ declarations }) => declarations);
    const classes = elements.map(({ name }) => name);
    mkdirSync('dist/frameworks', { recursive: true });
    const header = '// Generated from the elements’ class comments.\n';
    const own = [
      ...Object.values(eventTypes),
      ...Object.values(ownEventTypes).flatMap(Object.values),
      'ImageSource',
      'Fit',
      'MaskTool',
      'PlotKind',
      'PointSet',
    ].join(', ');
    writeFileSync(
      'dist/frameworks/attributes.d.ts',
      `${header}import type { ${own} } from '../types/index.js';\n\n` +
        elements.map(attributesInterface).join('\n'),
    );
    for (const [framework, { imports, module, open, tag, close }] of Object.entries(frameworks)) {
      const tags = elements.map(({ name, tagName }) => `    '${tagName}': ${tag(name)};`);
      writeFileSync(
        `dist/frameworks/${framework}.d.ts`,
        `${header}${imports}\nimport type { ${classes.join(', ')} } from '../types/index.js';\n` +
          `import type { ${classes.map((name) => `${name}Attributes`).join(', ')} } from './attributes.js';\n\n` +
          `declare module '${module}' {\n  ${open}\n${tags.join('\n')}\n  ${close}\n}\n`,
      );
    }
    writeFileSync('dist/frameworks/types.js', '// Types only.\nexport {};\n');
  },
};
