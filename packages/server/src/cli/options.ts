import { readFile } from 'node:fs/promises'
import { AurenError } from '@auren/core'

/** Reads what a person has written about a file. @throws AurenError AUREN_NOT_FOUND, AUREN_INPUT_INVALID */
export async function readOptions(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new AurenError('AUREN_NOT_FOUND', `There is no file ${path}.`, { cause })
  })
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new AurenError('AUREN_INPUT_INVALID', `${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
}
