const TOKENS = /"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g;

/** Parses JSON as Python writes it, in which numbers may be infinite or no number: those become strings, `NaN` null. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = text.replace(TOKENS, (token) => {
      if (token.startsWith('"')) return token;
      return token === 'NaN' ? 'null' : `"${token}"`;
    });
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}
