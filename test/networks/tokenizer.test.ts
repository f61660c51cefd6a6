import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Tokenizer } from '../../components/networks/tokenizer.js';
import { promptWords } from '../../components/pipelines/prompt-words.js';

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe("the emoji model's tokenizer", () => {
  let tokenizer: Tokenizer;
  before(async () => {
    const files = {
      tokenizer: await json('models/emoji/tokenizer/tokenizer.json'),
      config: await json('models/emoji/tokenizer/tokenizer_config.json'),
      specialTokens: {},
    };
    tokenizer = await Tokenizer.create(files, 24);
  });

  it('cuts a prompt into the tokens that the model was trained with', async () => {
    const { prompt, ids } = await json('test/golden/emoji.json');
    expect(tokenizer.encode(prompt).ids).to.deep.equal(ids);
  });

  it('tells which tokens are of which word, whatever a prompt holds', () => {
    const { ids } = tokenizer.encode('a red fox');
    const words = promptWords('a red fox', tokenizer);
    expect(words.map(({ text }) => text)).to.deep.equal(['a', 'red', 'fox']);
    const ofWords = words.flatMap(({ first, end }) => ids.slice(first, end));
    expect([ids[0], ...ofWords, 2]).to.deep.equal(ids.slice(0, ofWords.length + 2));
    expect(promptWords('', tokenizer)).to.deep.equal([]);
    expect(promptWords('  ,;. ', tokenizer)).to.deep.equal([]);
    const odd = [
      'Zürich’s naïve café',
      '🦊🍄 👩‍🚀',
      'ثعلب أحمر',
      '赤い狐',
      '<b>x</b>',
      'fox '.repeat(900),
    ];
    for (const prompt of odd) {
      const found = promptWords(prompt, tokenizer);
      expect(found, prompt).not.to.deep.equal([]);
      found.reduce((last, { first, end }) => {
        expect(first, prompt).to.be.at.least(last);
        expect(end).to.be.above(first);
        expect(end).to.be.at.most(23);
        return end;
      }, 1);
    }
    expect(promptWords('👩‍🚀 fox', tokenizer).map(({ text }) => text)).to.deep.equal(['👩‍🚀', 'fox']);
  });
});
