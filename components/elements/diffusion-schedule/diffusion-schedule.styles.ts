import { css } from 'lit';

export const styles = css`
  :host {
    --wanted-width: 32rem;
  }

  /* The plot's place is kept until it is there. */
  .plot {
    min-height: 220px;
  }

  svg.chart {
    display: block;
    width: 100%;
    overflow: visible;
    touch-action: pan-y;
    /* Time runs to the right in every script. */
    direction: ltr;
  }

  .axis {
    stroke: var(--border);
  }

  .chart text {
    fill: currentColor;
    font-size: 11px;
    font-variant-numeric: tabular-nums;
  }

  .line {
    fill: none;
    stroke-width: 2;
    stroke-linejoin: round;
  }

  .visited {
    stroke: var(--accent);
    stroke-width: 1.5;
  }

  .reading {
    stroke: currentColor;
    stroke-dasharray: 2 3;
  }

  /* As wide as the chart within its margins. */
  .player {
    direction: ltr;
    padding: 0 2px 0 36px;
  }

  .player input {
    width: 100%;
    min-height: 1.5rem;
    padding: 0;
    accent-color: var(--accent);
  }

  ul {
    display: flex;
    flex-wrap: wrap;
    gap: 0.15rem 1rem;
    margin: 0.35rem 0 0;
    padding: 0;
    list-style: none;
    font-size: 0.85em;
    font-variant-numeric: tabular-nums;
  }

  .swatch {
    display: inline-block;
    width: 0.9em;
    height: 0.2em;
    margin-inline-end: 0.35em;
    vertical-align: middle;
  }

  .swatch.ticks {
    height: 0.7em;
    background: repeating-linear-gradient(90deg, var(--accent) 0 1.5px, transparent 1.5px 4px);
  }
`;
