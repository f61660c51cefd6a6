import { css } from 'lit';

export const styles = css`
  :host {
    --wanted-width: 40rem;
  }

  .cells {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(7.5rem, 45%), 1fr));
    gap: 0.75rem;
  }

  figure {
    position: relative;
    min-width: 0;
    margin: 0;
  }

  .stage {
    aspect-ratio: 1;
    min-height: 0;
  }

  .poster {
    image-rendering: pixelated;
  }

  .stage.current {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  figcaption {
    margin-top: 0.3rem;
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }

  .name {
    display: block;
    font-weight: 600;
  }
`;
