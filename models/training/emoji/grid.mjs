// The fixed prompts that a person looks at after each stage: `node models/training/emoji/grid.mjs > runs/emoji-eval/grid.json`.
// The last twelve are combinations that nobody has drawn.
const styled = {
  '3d': ['fox', 'cat face', 'dog face', 'red apple', 'pizza', 'mushroom', 'automobile', 'rocket', 'strawberry', 'red heart'],
  flat: ['frog', 'pig face', 'owl', 'octopus', 'hamburger', 'sunflower', 'house', 'guitar', 'fish', 'tree'],
  cartoon: ['grinning face', 'ghost', 'penguin', 'banana', 'airplane', 'crown'],
  'noto style': ['crying face', 'butterfly', 'cherries', 'sailboat', 'umbrella', 'snowman'],
};
const plain = [
  ...['🦊', '🍄', '🐙', '🎸', 'a red fox', 'a black cat', 'a green heart', 'a yellow fish', 'a blue butterfly', 'a pink flower'],
  ...['two cats', 'three strawberries', 'four bananas on a blue background', 'a small dog', 'a big orange', 'a dragon'],
  ...['a mushroom left of a fox', 'an apple above a banana', 'a frog and a crown', 'a rose on a yellow background'],
];
const unseen = [
  ...['a blue apple', 'a purple elephant', 'a red frog', 'a green pizza', 'a pink car', 'a black banana'],
  ...['an octopus beside a guitar', 'a snowman below a rocket', 'a penguin right of a cactus', 'two purple pears'],
  ...['a blue fox on a yellow background', 'a green cat beside a red fish'],
];
const prompts = [
  ...Object.entries(styled).flatMap(([style, names]) => names.map((name) => `${name}, ${style}`)),
  ...plain,
  ...unseen,
];
process.stdout.write(`${JSON.stringify(prompts.map((prompt) => ({ prompt })))}\n`);
