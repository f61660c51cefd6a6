import { css } from 'lit';

export const styles = css`
  .stage {
    position: relative;
    display: grid;
    place-items: center;
    overflow: hidden;
    min-height: 6rem;
    border-radius: var(--radius);
    background: var(--background);
  }

  .stage.empty {
    aspect-ratio: var(--diffusion-aspect-ratio, 1);
  }

  .stage > * {
    grid-area: 1 / 1;
  }

  canvas {
    display: block;
    width: 100%;
    height: auto;
    image-rendering: pixelated;
  }

  .poster,
  ::slotted([slot='poster']) {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }

  .progress {
    align-self: end;
    z-index: 1;
    width: 100%;
    box-sizing: border-box;
    padding: 0.35rem 0.6rem;
    background: color-mix(in srgb, var(--background) 85%, transparent);
  }

  .filmstrip {
    overflow: hidden;
    margin-top: 0.5rem;
    border-radius: var(--radius);
    background: var(--background);
  }

  .filmstrip canvas {
    width: min(100%, var(--frames) * 4rem);
  }
`;
