import { css } from 'lit';

/** The look that all elements share: tokens, fields, buttons, the error and the live region. */
export const baseStyles = css`
  :host {
    --accent: var(--diffusion-accent, light-dark(#3a5bd9, #8fa6ff));
    --background: var(--diffusion-background, light-dark(#f4f4f7, #17181d));
    --border: light-dark(#d5d6de, #3a3c47);
    --radius: var(--diffusion-radius, 8px);
    --text: light-dark(#1c1d22, #ececf1);
    --wanted-width: 20rem;
    display: inline-flex;
    flex-direction: column;
    box-sizing: border-box;
    width: min(var(--wanted-width), 100%);
    min-width: 0;
    break-inside: avoid;
    font: var(--diffusion-font, 0.875rem / 1.4 system-ui, sans-serif);
  }

  /* The width that the element wants where its container takes the width of what is in it. */
  :host::before {
    content: '';
    width: var(--wanted-width);
    max-width: 100%;
  }

  :host([hidden]) {
    display: none;
  }

  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  bdi {
    unicode-bidi: isolate;
  }

  input[type='range'] {
    padding-inline: 0;
    accent-color: var(--accent);
  }

  .icon {
    display: block;
    width: 1.25rem;
    height: 1.25rem;
  }

  button:has(> .icon:only-child) {
    display: grid;
    place-items: center;
    width: 2.25rem;
    padding: 0;
  }

  button[aria-pressed='true'] {
    border-color: var(--accent);
    box-shadow: inset 0 0 0 1px var(--accent);
    color: var(--accent);
  }

  .toolbar {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: end;
    margin-top: 0.5rem;
  }

  label {
    display: grid;
    flex: 1 1 4.5rem;
    gap: 0.15rem;
    font-size: 0.8em;
  }

  label:has(select) {
    flex-basis: 7.5rem;
  }

  button,
  input,
  select,
  textarea {
    box-sizing: border-box;
    min-width: 0;
    min-height: 2.25rem;
    margin: 0;
    padding: 0.3rem 0.6rem;
    border: 1px solid var(--border);
    border-radius: calc(var(--radius) * 0.75);
    background: var(--background);
    color: var(--text);
    font: inherit;
  }

  .actions {
    display: flex;
    flex: 1 1 9rem;
    gap: 0.5rem;
  }

  textarea {
    resize: vertical;
  }

  .prompt {
    display: flex;
    flex: 1 1 100%;
    gap: 0.5rem;
    align-items: end;
  }

  .prompt > button {
    flex: none;
  }

  label > input,
  label > select,
  label > textarea {
    width: 100%;
    font-size: 1.15em;
  }

  button {
    cursor: pointer;
  }

  button.primary {
    flex: 1 1 6rem;
    border-color: transparent;
    background: var(--accent);
    color: light-dark(#fff, #10121c);
    font-weight: 600;
  }

  button:disabled {
    cursor: default;
    opacity: 0.5;
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  progress {
    display: block;
    width: 100%;
    height: 0.3rem;
    accent-color: var(--accent);
  }

  .progress {
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }

  input[type='file'] {
    position: absolute;
    width: 1px;
    height: 1px;
    min-height: 0;
    padding: 0;
    opacity: 0;
  }

  .error {
    margin: 0.5rem 0 0;
    padding: 0.5rem 0.75rem;
    border-inline-start: 3px solid light-dark(#b3261e, #ff8a80);
    border-radius: 4px;
    background: var(--background);
    color: var(--text);
    overflow-wrap: anywhere;
  }

  .notice {
    margin: 0.5rem 0 0;
    font-size: 0.85em;
    overflow-wrap: anywhere;
  }

  /* Phones enlarge the page for fields whose text is smaller. */
  @media (pointer: coarse) {
    label > input,
    label > select,
    label > textarea {
      font-size: max(16px, 1.15em);
    }
  }

  @media (forced-colors: active) {
    button[aria-pressed='true'] {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }

    [part='canvas'],
    .stage,
    .board {
      border: 1px solid CanvasText;
    }
  }

  @media print {
    .toolbar,
    .progress,
    .play,
    [part='controls'] {
      display: none;
    }
  }

  .announcer,
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
