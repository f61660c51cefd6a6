import { css } from 'lit';

export const styles = css`
  .desk {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr));
    gap: 0.5rem;
  }

  .sheet {
    position: relative;
    overflow: hidden;
    aspect-ratio: 1;
    border: 1px solid var(--border);
    forced-color-adjust: none;
    border-radius: var(--radius);
    touch-action: none;
    cursor: crosshair;
  }

  .sheet canvas {
    position: absolute;
    inset: 0;
    image-rendering: auto;
  }

  .actions {
    flex: 1 0 100%;
    flex-wrap: wrap;
  }

  input[type='color'] {
    min-width: 2.5rem;
    padding: 0.1rem;
  }
`;
