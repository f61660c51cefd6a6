import { configure } from 'diffusion-elements';

configure({ baseUrl: '/diffusion/' });
