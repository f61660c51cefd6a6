import { customElementVsCodePlugin } from 'custom-element-vs-code-integration';
import {
  frameworkTypes,
  ownDecorators,
  publicOnly,
} from './components/elements/manifest-plugins.mjs';

export default {
  globs: ['components/elements/**/*.ts'],
  exclude: ['**/define.ts'],
  outdir: 'dist',
  litelement: true,
  packagejson: false,
  plugins: [
    ownDecorators,
    publicOnly,
    frameworkTypes,
    customElementVsCodePlugin({
      outdir: 'dist',
      htmlFileName: 'vscode.html-custom-data.json',
      cssFileName: 'vscode.css-custom-data.json',
    }),
  ],
};
