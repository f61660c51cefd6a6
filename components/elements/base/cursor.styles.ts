import { css } from 'lit';

/** The brush of surfaces that are painted by keys. */
export const cursorStyles = css`
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
`;
