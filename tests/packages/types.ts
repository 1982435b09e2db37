import { getLoadablePath, load } from 'jarvis-stats'

const path: string = getLoadablePath()
load({ loadExtension (path: string) { return path } })
// @ts-expect-error: a path is no connection
load(path)
