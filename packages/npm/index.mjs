import { createRequire } from 'module'

export const { getLoadablePath, load } = createRequire(import.meta.url)('./index.cjs')
