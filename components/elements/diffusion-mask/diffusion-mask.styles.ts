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

  .cursor {
    position: absolute;
    box-sizing: border-box;
    border: 2px solid light-dark(#000, #fff);
    border-radius: 50%;
    outline: 1px solid light-dark(#fff, #000);
    translate: -50% -50%;
    aspect-ratio: 1;
    pointer-events: none;
  }

  .empty {
    aspect-ratio: 1;
  }

  .empty > .layers {
    min-height: 100%;
  }

  button[aria-pressed='true'] {
    border-color: var(--accent);
    box-shadow: inset 0 0 0 1px var(--accent);
  }
`;
