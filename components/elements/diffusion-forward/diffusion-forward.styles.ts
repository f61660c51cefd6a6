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
    aspect-ratio: var(--diffusion-aspect-ratio, 1);
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

  .player {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    margin-top: 0.5rem;
  }

  .player label {
    flex: 1;
    grid-template-columns: 1fr auto;
    align-items: baseline;
  }

  .player input {
    grid-column: 1 / -1;
    min-height: 1.5rem;
    padding: 0;
    accent-color: var(--accent);
  }

  output {
    font-variant-numeric: tabular-nums;
  }

  .sources {
    display: none;
  }
`;
