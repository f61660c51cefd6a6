export interface PipelineDefaults {
  readonly steps: number;
  readonly guidanceScale: number;
}

/** What diffusers' pipelines do where they are not told, by the beginnings of their class names. */
const table: readonly (readonly [RegExp, PipelineDefaults])[] = [
  [/^(ORT|Onnx)?StableDiffusionXL/, { steps: 50, guidanceScale: 5 }],
  [/^(ORT|Onnx)?StableDiffusion/, { steps: 50, guidanceScale: 7.5 }],
  [/^(ORT)?LatentConsistencyModel/, { steps: 4, guidanceScale: 8.5 }],
  [/^DiT/, { steps: 50, guidanceScale: 4 }],
  [/^(LDM|DDIM|PNDM)Pipeline/, { steps: 50, guidanceScale: 1 }],
  [/^DDPMPipeline/, { steps: 1000, guidanceScale: 1 }],
];

const OTHERS: PipelineDefaults = { steps: 20, guidanceScale: 1 };

/** @param className `_class_name` of a model_index.json */
export function pipelineDefaults(className = ''): PipelineDefaults {
  return table.find(([names]) => names.test(className))?.[1] ?? OTHERS;
}
