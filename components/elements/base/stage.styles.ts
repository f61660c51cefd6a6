import { css } from 'lit';

/** The stage of an element that draws: pictures, poster, play button and progress. */
export const stageStyles = css`
  .stage {
    position: relative;
    display: grid;
    place-items: center;
    flex: 1 1 auto;
    overflow: hidden;
    min-height: min(6rem, 100%);
    border-radius: var(--radius);
    background: var(--background);
    color: var(--text);
  }

  .stage.empty {
    aspect-ratio: var(--diffusion-aspect-ratio, 1);
  }

  .stage > *,
  .stage > slot > *,
  .stage ::slotted(*) {
    grid-area: 1 / 1;
  }

  canvas {
    display: block;
    width: 100%;
    height: 100%;
    object-fit: contain;
    image-rendering: var(--diffusion-image-rendering, pixelated);
  }

  .stage.empty > slot canvas {
    opacity: 0.35;
  }

  .play {
    z-index: 1;
    display: inline-flex;
    gap: 0.4rem;
    align-items: center;
    width: auto;
    min-height: 2.75rem;
    padding: 0.5rem 1.1rem;
    border-radius: 999px;
    box-shadow: 0 2px 12px rgb(0 0 0 / 0.25);
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
`;
