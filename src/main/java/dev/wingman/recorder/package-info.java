/**
 * The record and replay proxy: listeners that forward HTTP, SSE and WebSocket traffic to a target
 * and keep every exchange, or answer from what was kept with the target gone.
 *
 * <p>Open {@link dev.wingman.recorder.Recorder} first, then {@link dev.wingman.recorder.Listener}:
 * what happens to one request. {@link dev.wingman.recorder.Redaction} is the one place where
 * secrets are taken out, {@link dev.wingman.recorder.TapeFormat} what is on the disk.
 */
@NullMarked
package dev.wingman.recorder;

import org.jspecify.annotations.NullMarked;
