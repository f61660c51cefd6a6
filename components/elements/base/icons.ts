import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Strokes on a field of 24 x 24. */
const icons = {
  play: svg`<path d="M7 4.5v15l12-7.5z" fill="currentColor" />`,
  pause: svg`<path d="M7 5h3v14H7zm7 0h3v14h-3z" fill="currentColor" />`,
  step: svg`<path d="M6 5v14l9-7z" fill="currentColor" /><path d="M18 5v14" stroke-width="3" />`,
  reset: svg`<path d="M4 4v5h5M4.5 9a8 8 0 1 1-.5 5" />`,
  gif: svg`<path d="M4 6h16v12H4zM10 10H7.5v4H10v-2M12.5 10v4M18 10h-3v4m0-2h2.5" />`,
  video: svg`<path d="M4 6h11v12H4zm11 4.5 5-3v9l-5-3" />`,
  download: svg`<path d="M12 4v11m-5-4.5 5 5 5-5M5 20h14" />`,
  brush: svg`<path d="M20 4 10.5 13.5M9 13c-3 0-3 3-3.5 4.5S4 20 4 20c4 .5 8-.5 8-4" />`,
  eraser: svg`<path d="m4 14 9-9 7 7-8 8H8zm4.5-4.5 7 7M11 20h9" />`,
  rectangle: svg`<path d="M4 6h16v12H4z" stroke-dasharray="3 2.4" />`,
  undo: svg`<path d="M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4" />`,
  redo: svg`<path d="m16 5 4 4-4 4M20 9H10a5 5 0 0 0 0 10h4" />`,
  invert: svg`<circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />`,
  clear: svg`<path d="M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5m4-5v5" />`,
  camera: svg`<path d="M4 8h3l2-2.5h6L17 8h3v11H4z" /><circle cx="12" cy="13" r="3.2" />`,
  dice: svg`<path d="M5 5h14v14H5z" /><path d="M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01" stroke-width="2.6" />`,
  more: svg`<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3" />`,
} satisfies Record<string, SVGTemplateResult>;

export type Icon = keyof typeof icons;

/** A drawing beside or in place of a text; it says nothing by itself. */
export function icon(name: Icon): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${icons[name]}
  </svg>`;
}
