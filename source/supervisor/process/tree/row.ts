/** One process as the table lists it, whatever the system it was read from. */
export interface Row {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /** Session; 0 where the system does not tell. */
  readonly sid: number;
  /** One letter as in proc(5): R S D T t Z X … */
  readonly state: string;
  /** Clock ticks since boot on Linux, `ps`'s start date elsewhere. Opaque: only compared. */
  readonly startTime: string;
  readonly threads: number;
}
