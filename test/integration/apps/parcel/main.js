import 'diffusion-elements';
