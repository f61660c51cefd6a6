import { css } from 'lit';

/** Colours of several lines in one plot, told apart also by those who see few colours; each can be set. */
export const seriesStyles = css`
  :host {
    --series-0: var(--diffusion-series-1, light-dark(#3a5bd9, #8fa6ff));
    --series-1: var(--diffusion-series-2, light-dark(#c2410c, #fdba74));
    --series-2: var(--diffusion-series-3, light-dark(#0f766e, #5eead4));
    --series-3: var(--diffusion-series-4, light-dark(#86198f, #f0abfc));
  }
`;

/** The colour of the line with this number. */
export const seriesColour = (index: number) => `var(--series-${index % 4})`;
