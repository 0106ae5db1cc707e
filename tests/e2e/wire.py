"""Bytes on a connection, for what an HTTP client would hide."""
import re
import socket
import ssl


class Wire:
    """One connection, as a shipper keeps it; reads answers by Content-Length."""

    def __init__(self, server):
        host, port = server.url.split("//")[1].split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        if server.url.startswith("https"):
            context = ssl._create_unverified_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        self.buffer = b""

    def exchange(self, data):
        self.socket.sendall(data)
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        # Fluent Bit's own way: the name in any case, one colon, exactly one blank.
        length = int(re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE).group(1))
        while len(self.buffer) < length:
            self.receive()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(head[9:12]), head.decode("latin-1"), body.decode()

    def receive(self):
        data = self.socket.recv(65536)
        assert data, f"closed after {self.buffer[:300]!r}"
        self.buffer += data

    def close(self):
        self.socket.close()
