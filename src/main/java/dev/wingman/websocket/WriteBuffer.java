package dev.wingman.websocket;

/**
 * How much may wait inside the socket's own buffer.
 *
 * @param lowBytes writing goes on below it
 * @param highBytes writing stops above it
 */
public record WriteBuffer(int lowBytes, int highBytes) {
    public WriteBuffer {
        if (lowBytes <= 0 || highBytes < lowBytes) {
            throw new IllegalArgumentException("needs 0 < low <= high");
        }
    }
}
