import { css } from 'lit';

export const styles = css`
  .strip {
    position: relative;
    overflow: hidden;
    flex: none;
    width: 100%;
    margin-top: 0.5rem;
    border-radius: var(--radius);
    background: var(--background);
    aspect-ratio: var(--columns) / var(--rows);
    touch-action: pan-y;
    /* Frames run to the right in every script, and so do their sliders. */
    direction: ltr;
    cursor: pointer;
  }

  .strip.map {
    touch-action: none;
  }

  .strip canvas {
    object-fit: fill;
  }

  .cell {
    position: absolute;
    box-sizing: border-box;
    border: 2px solid var(--accent);
    border-radius: 3px;
    pointer-events: none;
  }
`;
