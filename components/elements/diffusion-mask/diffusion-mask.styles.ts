import { css } from 'lit';

export const styles = css`
  .stage {
    position: relative;
    overflow: hidden;
    border-radius: var(--radius);
    background: var(--background);
    touch-action: none;
    cursor: crosshair;
  }

  /* Until the picture's size is known. */
  .stage.awaited {
    aspect-ratio: var(--diffusion-aspect-ratio, 1);
  }

  :host([readonly]) .stage {
    touch-action: auto;
    cursor: default;
  }

  .layers {
    position: relative;
    transform-origin: 0 0;
  }

  .open {
    display: grid;
    position: relative;
  }

  img,
  .paint canvas,
  ::slotted(*) {
    display: block;
    width: 100%;
    image-rendering: pixelated;
  }

  img {
    height: auto;
  }

  .paint {
    position: absolute;
    inset: 0;
    opacity: 0.6;
    pointer-events: none;
  }

  .paint canvas {
    height: 100%;
    image-rendering: auto;
  }

  .empty {
    aspect-ratio: 1;
  }

  .empty > .layers {
    min-height: 100%;
  }

  .tools {
    display: flex;
    gap: 0.25rem;
    margin-top: 0.5rem;
  }

  .tools > button,
  .tools > details {
    flex: 0 1 2.25rem;
    min-width: 1.5rem;
  }

  .tools > .gap {
    flex: 1;
  }

  .sliders {
    display: flex;
    gap: 0.5rem;
    margin-top: 0.4rem;
  }

  .sliders input {
    min-height: 1.5rem;
    padding: 0;
  }

  details {
    position: relative;
  }

  summary {
    display: grid;
    place-items: center;
    box-sizing: border-box;
    height: 2.25rem;
    border: 1px solid var(--border);
    border-radius: calc(var(--radius) * 0.75);
    background: var(--background);
    color: var(--text);
    list-style: none;
    cursor: pointer;
  }

  summary::-webkit-details-marker {
    display: none;
  }

  .menu {
    display: grid;
    position: absolute;
    inset-inline-end: 0;
    z-index: 2;
    gap: 0.25rem;
    margin-top: 0.25rem;
    padding: 0.35rem;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
    box-shadow: 0 4px 16px rgb(0 0 0 / 0.2);
    white-space: nowrap;
  }
`;
