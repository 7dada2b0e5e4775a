/** Metrics, activities and tags beyond the built-in ones; their names go before built-in meanings of the same words. */
export interface Vocabulary {
  metrics?: readonly {
    id: string
    names: readonly string[]
    /** UCUM unit of its values; needed to compare it with quantities that have another. */
    unit?: string
    /** Also a field of workouts. */
    workout?: boolean
    better?: 'high' | 'low'
  }[]
  activities?: readonly { id: string; names: readonly string[] }[]
  tags?: readonly { tag: string; names: readonly string[] }[]
  /** Unit of numbers that come without one, by concept or metric id. */
  bareUnits?: Readonly<Record<string, string>>
}
