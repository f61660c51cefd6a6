import { css } from 'lit';

export const styles = css`
  /* Ten digits. */
  .seed {
    flex-basis: 6.5rem;
  }

  .live {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
    margin-top: 0.75rem;
  }

  .pad {
    position: relative;
    flex: none;
    width: min(50%, 11rem);
    /* At a corner the knob hangs over the edge by half. */
    margin: 0.625rem;
    margin-inline-end: 0;
    aspect-ratio: 1;
    touch-action: none;
    cursor: crosshair;
    border: 1px solid var(--border);
    forced-color-adjust: none;
    border-radius: var(--radius);
    background:
      linear-gradient(to right, transparent 49.5%, #8886 0, #8886 50.5%, transparent 0),
      linear-gradient(transparent 49.5%, #8886 0, #8886 50.5%, transparent 0), var(--background);
  }

  .pad[aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }

  .knob {
    position: absolute;
    width: 1.25rem;
    height: 1.25rem;
    margin: -0.625rem;
    border: 2px solid #fff;
    border-radius: 50%;
    background: var(--accent);
    box-shadow: 0 0 0 1px #0006;
    pointer-events: none;
  }

  .blending {
    flex: 1 1 7rem;
    min-width: 0;
    display: flex;
    flex-direction: column;
    justify-content: center;
    gap: 0.5rem;
  }

  .blending > * {
    flex: none;
  }

  .veil {
    pointer-events: none;
    image-rendering: auto;
  }

  .words {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    margin-top: 0.5rem;
  }

  .words.line {
    flex-wrap: nowrap;
    overflow-x: auto;
    scrollbar-width: thin;
  }

  .line .word {
    flex: none;
  }

  .word {
    overflow: hidden;
    max-width: 100%;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-height: 1.75rem;
    padding: 0.1rem 0.5rem;
    border-radius: 999px;
  }

  @media (pointer: coarse) {
    .word {
      min-height: 2.5rem;
      padding-inline: 0.75rem;
    }
  }

  .kind {
    display: block;
    width: 100%;
    min-height: 0;
    margin-top: 0.5rem;
    padding: 0.25rem 0.5rem 0.5rem;
    font-size: 0.8em;
    text-align: start;
  }

  .kind .filmstrip {
    margin-top: 0.25rem;
  }

  .filmstrip {
    overflow: hidden;
    margin-top: 0.5rem;
    flex: none;
    aspect-ratio: var(--frames) / 1;
    width: min(100%, var(--frames) * 4rem);
    border-radius: var(--radius);
    background: var(--background);
  }
`;
