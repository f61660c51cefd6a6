'use client';

import 'diffusion-elements';

export function Picture() {
  return <diffusion-sampler autoplay loading="eager" label="sneaker" steps="2" seed="3" />;
}
