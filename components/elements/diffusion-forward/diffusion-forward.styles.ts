import { css } from 'lit';

export const styles = css`
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(8rem, 100%), 1fr));
    gap: 0.75rem;
  }

  figure {
    min-width: 0;
    margin: 0;
  }

  .stage {
    display: grid;
    aspect-ratio: var(--diffusion-aspect-ratio, var(--shape));
    overflow: hidden;
    border-radius: var(--radius);
    background: var(--background);
  }

  .stage > *,
  ::slotted([slot='poster']) {
    grid-area: 1 / 1;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }

  canvas {
    display: block;
  }

  .small canvas {
    image-rendering: pixelated;
  }

  figcaption {
    margin-top: 0.25rem;
    overflow-wrap: anywhere;
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }

  .name {
    font-weight: 600;
  }

  .strip {
    display: grid;
    grid-template-columns: repeat(var(--marks), minmax(0, 1fr));
    gap: 0.25rem;
    margin-top: 0.25rem;
  }

  .strip button {
    display: block;
    min-height: 0;
    padding: 2px;
    border-radius: calc(var(--radius) / 2);
    font-size: 0.7em;
    font-variant-numeric: tabular-nums;
  }

  .strip canvas {
    width: 100%;
    border-radius: calc(var(--radius) / 3);
  }

  .sources {
    display: none;
  }
`;
