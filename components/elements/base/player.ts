import { css, html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { RecordingController, RecordingFormat } from '../../controllers/recording.js';
import { icon } from './icons.js';
import { slider } from './slider.js';

export interface Player {
  readonly language: LanguageController;
  /** What the slider is over; empty where the value says it. */
  readonly label: string;
  /** The slider's name while there is neither. */
  readonly name?: string;
  readonly value: number;
  /** The slider's last place; it begins at 0. */
  readonly last: number;
  /** The value as people read it. */
  readonly shown: string;
  readonly playing: boolean;
  readonly disabled?: boolean;
  readonly onPlay: () => void;
  readonly onStep?: () => void;
  readonly onInput: (value: number) => void;
  readonly onChange: () => void;
  readonly recording?: RecordingController;
  readonly onRecord?: (format: RecordingFormat) => void;
}

/** Keeps the line of a text that is still to come. */
const NO_TEXT = '\u00a0';

export const playerStyles = css`
  .player {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    margin-top: 0.5rem;
  }

  .player label {
    flex: 1;
    grid-template-columns: auto 1fr;
    column-gap: 0.75rem;
    align-items: baseline;
  }

  .player input {
    grid-column: 1 / -1;
    /* Time runs to the right in every script. */
    direction: ltr;
    min-height: 1.5rem;
    padding: 0;
    accent-color: var(--accent);
  }

  .shown {
    font-variant-numeric: tabular-nums;
    text-align: end;
  }
`;

/** A slider that can be played, as a video's, and saved. */
export function player(options: Player): TemplateResult {
  const { language, label, value, last, shown, playing, disabled = false } = options;
  const play = language.text(playing ? 'pause' : 'play');
  return html`
    <div class="player" part="controls">
      <button
        part="button"
        aria-label=${play}
        title=${play}
        ?disabled=${disabled}
        @click=${options.onPlay}
      >
        ${icon(playing ? 'pause' : 'play')}
      </button>
      ${options.onStep ? stepButton(options, options.onStep) : nothing}
      <label>
        <bdi>${label}</bdi>
        <span class="shown" aria-hidden="true"><bdi>${shown || NO_TEXT}</bdi></span>
        ${slider({
          name: label ? undefined : shown || options.name,
          value,
          last,
          shown,
          disabled,
          onInput: options.onInput,
          onChange: options.onChange,
        })}
      </label>
      ${options.onRecord ? saveButtons(options, options.onRecord) : nothing}
    </div>
  `;
}

function stepButton({ language, disabled }: Player, onStep: () => void): TemplateResult {
  const label = language.text('stepOnce');
  return html`
    <button part="button" aria-label=${label} title=${label} ?disabled=${disabled} @click=${onStep}>
      ${icon('step')}
    </button>
  `;
}

function saveButtons(
  { language, recording, disabled }: Player,
  onRecord: (format: RecordingFormat) => void,
): TemplateResult {
  return html`${(['gif', 'video'] as const).map((format) => {
    const label = language.text(format === 'gif' ? 'saveGif' : 'saveVideo');
    return html`
      <button
        part="button"
        aria-label=${label}
        title=${label}
        ?disabled=${disabled || recording?.busy}
        @click=${() => onRecord(format)}
      >
        ${icon(format)}
      </button>
    `;
  })}`;
}
