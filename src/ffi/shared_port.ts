/**
 * Leaving a port that other processes listen on, too (SO_REUSEPORT, on Linux), without harm to a client: the kernel
 * resets connections that are established, or about to be, at a socket that is closed before it has accepted them.
 *
 * @see https://man7.org/linux/man-pages/man7/socket.7.html SO_ATTACH_FILTER
 * @module
 */

import { SOL_SOCKET, tcpInfo, writeOption } from "./socket_options.ts";

const SO_ATTACH_FILTER = 26;
/** Of a listening socket: connections that wait for accept. */
const TCPI_UNACKED = 24;
/** Size of `struct sock_fprog`: a number of instructions, and where they are. */
const PROGRAM_BYTES = 16;
/**
 * Instructions for the kernel, each a code, jumps if true and if false, and an operand. A packet begins with its TCP
 * header, whose byte 13 has the flags; what is not returned of it is dropped.
 */
const DROP_SYN = assemble([
  [0x30, 0, 0, 13], // load the byte
  [0x54, 0, 0, 0x12], // SYN and ACK of it
  [0x15, 0, 1, 0x02], // SYN alone?
  [0x06, 0, 0, 0], // return nothing
  [0x06, 0, 0, 0xffff_ffff], // return all
]);

/**
 * Drops packets that begin a connection at the listening socket `fd`; what is under way goes on. A client sends
 * such a packet again after a second: by then this socket is to be closed, and another process gets it.
 *
 * @returns false where that is not possible
 */
export function dropNewConnections(fd: number): boolean {
  const program = new DataView(new ArrayBuffer(PROGRAM_BYTES));
  program.setUint16(0, DROP_SYN.length, true);
  program.setBigUint64(8, Deno.UnsafePointer.value(Deno.UnsafePointer.of(DROP_SYN)), true);
  return writeOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array(program.buffer));
}

/** Number of connections that the listening socket `fd` has not accepted yet; undefined where that is not known. */
export function waitingConnections(fd: number): number | undefined {
  return tcpInfo(fd)?.getUint32(TCPI_UNACKED, true);
}

/** As an array of `struct sock_filter`. */
function assemble(
  instructions: readonly (readonly [number, number, number, number])[],
): BigUint64Array<ArrayBuffer> {
  const code = new BigUint64Array(instructions.length);
  const view = new DataView(code.buffer);
  for (const [i, [operation, ifTrue, ifFalse, operand]] of instructions.entries()) {
    const at = i * code.BYTES_PER_ELEMENT;
    view.setUint16(at, operation, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, operand, true);
  }
  return code;
}
