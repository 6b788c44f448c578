libwebsockets_OBJECTS  := libwebsockets libwebsockets-1.22
libwebsockets_HEADERS  := libwebsockets.h

# The interface of the tree that Tizen IVI packaged as 1.2.
libwebsockets_ROOM    := libwebsockets
libwebsockets_VERSION := 1.2
libwebsockets_FILE    := libwebsockets.so.3.0.0
libwebsockets_SONAME  := libwebsockets.so.3.0.0
libwebsockets_LINKS   := libwebsockets.so.3 libwebsockets.so
libwebsockets_OPTIONAL := ssl crypto
libwebsockets_SYSLIBS := -lgcc_s -lc
libwebsockets_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
libwebsockets_PC      := libwebsockets
libwebsockets_ARCHIVE := libwebsockets.a

# Programs of releases 1.2, 1.21 and 1.22, whose soname is the same though the interface is not. They choose it by
# run path or LD_LIBRARY_PATH.
libwebsockets-1.22_ROOM    := libwebsockets
libwebsockets-1.22_VERSION := 1.22
libwebsockets-1.22_FILE    := libwebsockets.so.3.0.0
libwebsockets-1.22_SONAME  := libwebsockets.so.3.0.0
libwebsockets-1.22_LINKS   := libwebsockets.so.3
libwebsockets-1.22_SUBDIR  := relink-libwebsockets-1.22
libwebsockets-1.22_OPTIONAL := ssl crypto
libwebsockets-1.22_SYSLIBS := -lgcc_s -lc
libwebsockets-1.22_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
# Functions whose meaning is this generation's.
libwebsockets-1.22_INSTEAD := libwebsocket_create_context libwebsocket_ensure_user_space
