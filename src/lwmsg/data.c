/* The classes of handles and descriptors: data that programs' tables name, and that the linker may copy into a
 * program. Their functions are in data/custom.rs.
 */
#include <lwmsg/assoc.h>
#include <lwmsg/connection.h>
#include <lwmsg/session.h>
#include <lwmsg/type.h>

LWMsgStatus relink_lwmsg_handle_marshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
LWMsgStatus relink_lwmsg_handle_unmarshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
void relink_lwmsg_handle_destroy(struct LWMsgDataContext *, LWMsgType *, void *, void *);
LWMsgStatus relink_lwmsg_handle_print(struct LWMsgDataContext *, LWMsgType *, void *, void *, LWMsgBuffer *);
LWMsgStatus relink_lwmsg_fd_marshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
LWMsgStatus relink_lwmsg_fd_unmarshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
void relink_lwmsg_fd_destroy(struct LWMsgDataContext *, LWMsgType *, void *, void *);

/* What is sent of a handle. Its names are in archives. */
typedef union LWMsgHandleDataRep {
    uint32_t local_id;
    uint32_t remote_id;
} LWMsgHandleDataRep;

typedef struct LWMsgHandleRep {
    LWMsgHandleType type;
    LWMsgHandleDataRep data;
} LWMsgHandleRep;

static LWMsgTypeSpec handle_type_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgHandleType, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_NULL),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_LOCAL),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_REMOTE),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec handle_data_spec[] = {
    LWMSG_UNION_BEGIN(LWMsgHandleDataRep),
    LWMSG_MEMBER_UINT32(LWMsgHandleDataRep, local_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_LOCAL),
    LWMSG_MEMBER_UINT32(LWMsgHandleDataRep, remote_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_REMOTE),
    LWMSG_MEMBER_VOID(LWMsgHandleDataRep, null_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_NULL),
    LWMSG_UNION_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec handle_spec[] = {
    LWMSG_STRUCT_BEGIN(LWMsgHandleRep),
    LWMSG_MEMBER_TYPESPEC(LWMsgHandleRep, type, handle_type_spec),
    LWMSG_MEMBER_TYPESPEC(LWMsgHandleRep, data, handle_data_spec),
    LWMSG_ATTR_DISCRIM(LWMsgHandleRep, type),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgTypeClass lwmsg_handle_type_class = {
    LWMSG_TRUE,
    handle_spec,
    relink_lwmsg_handle_marshal,
    relink_lwmsg_handle_unmarshal,
    relink_lwmsg_handle_destroy,
    NULL,
    relink_lwmsg_handle_print,
};

static LWMsgTypeSpec fd_spec[] = {
    LWMSG_UINT8(unsigned char),
    LWMSG_TYPE_END,
};

LWMsgTypeClass lwmsg_fd_type_class = {
    LWMSG_FALSE,
    fd_spec,
    relink_lwmsg_fd_marshal,
    relink_lwmsg_fd_unmarshal,
    relink_lwmsg_fd_destroy,
    NULL,
    NULL,
};

/* Descriptions of types, as they are in archives: the structures of schema/mod.rs. */
typedef struct IntegerDef {
    uint8_t width;
    LWMsgSignage sign;
} IntegerDef;

typedef struct VariantRep {
    uint8_t is_mask;
    uint64_t value;
    char *name;
} VariantRep;

typedef struct EnumDef {
    uint8_t width;
    LWMsgSignage sign;
    uint16_t count;
    VariantRep *variants;
    char *name;
} EnumDef;

typedef struct FieldRep {
    struct TypeRep *type;
    char *name;
} FieldRep;

typedef struct StructDef {
    uint16_t count;
    FieldRep *fields;
    char *name;
} StructDef;

typedef struct ArmRep {
    struct TypeRep *type;
    uint32_t tag;
    char *name;
} ArmRep;

typedef struct UnionDef {
    uint16_t count;
    ArmRep *arms;
    char *name;
} UnionDef;

typedef struct IntegerRep {
    IntegerDef *definition;
    uint64_t lower;
    uint64_t upper;
} IntegerRep;

typedef struct EnumRep {
    EnumDef *definition;
} EnumRep;

typedef struct StructRep {
    StructDef *definition;
} StructRep;

typedef struct UnionRep {
    UnionDef *definition;
    int16_t discriminator;
} UnionRep;

typedef struct IndirectRep {
    struct TypeRep *element;
    LWMsgBool zero_terminated;
    uint32_t static_length;
    int16_t length_member;
    char *encoding;
} IndirectRep;

typedef union TypeInfo {
    IntegerRep integer;
    EnumRep enumeration;
    StructRep structure;
    UnionRep union_;
    IndirectRep indirect;
} TypeInfo;

typedef struct TypeRep {
    LWMsgKind kind;
    LWMsgTypeFlags flags;
    TypeInfo info;
} TypeRep;

typedef struct MessageRep {
    int16_t tag;
    TypeRep *type;
    char *name;
} MessageRep;

typedef struct ProtocolRep {
    uint16_t count;
    MessageRep *messages;
} ProtocolRep;

extern LWMsgTypeSpec lwmsg_type_rep_spec[];
extern LWMsgTypeSpec relink_lwmsg_protocol_rep_spec[];

static LWMsgTypeSpec bool_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgBool, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_VALUE(LWMSG_FALSE),
    LWMSG_ENUM_VALUE(LWMSG_TRUE),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec sign_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgSignage, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_VALUE(LWMSG_SIGNED),
    LWMSG_ENUM_VALUE(LWMSG_UNSIGNED),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec kind_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgKind, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_VALUE(LWMSG_KIND_VOID),
    LWMSG_ENUM_VALUE(LWMSG_KIND_INTEGER),
    LWMSG_ENUM_VALUE(LWMSG_KIND_ENUM),
    LWMSG_ENUM_VALUE(LWMSG_KIND_STRUCT),
    LWMSG_ENUM_VALUE(LWMSG_KIND_UNION),
    LWMSG_ENUM_VALUE(LWMSG_KIND_ARRAY),
    LWMSG_ENUM_VALUE(LWMSG_KIND_POINTER),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec flags_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgTypeFlags, 4, LWMSG_UNSIGNED),
    LWMSG_ENUM_MASK(LWMSG_TYPE_FLAG_NOT_NULL),
    LWMSG_ENUM_MASK(LWMSG_TYPE_FLAG_SENSITIVE),
    LWMSG_ENUM_MASK(LWMSG_TYPE_FLAG_RANGE),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec integer_def_spec[] = {
    LWMSG_STRUCT_BEGIN(IntegerDef),
    LWMSG_MEMBER_UINT8(IntegerDef, width),
    LWMSG_ATTR_RANGE(1, 8),
    LWMSG_MEMBER_TYPESPEC(IntegerDef, sign, sign_spec),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec variant_spec[] = {
    LWMSG_STRUCT_BEGIN(VariantRep),
    LWMSG_MEMBER_UINT8(VariantRep, is_mask),
    LWMSG_ATTR_RANGE(0, 1),
    LWMSG_MEMBER_UINT64(VariantRep, value),
    LWMSG_MEMBER_PSTR(VariantRep, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec enum_def_spec[] = {
    LWMSG_STRUCT_BEGIN(EnumDef),
    LWMSG_MEMBER_UINT8(EnumDef, width),
    LWMSG_ATTR_RANGE(1, 8),
    LWMSG_MEMBER_TYPESPEC(EnumDef, sign, sign_spec),
    LWMSG_MEMBER_UINT16(EnumDef, count),
    LWMSG_MEMBER_POINTER(EnumDef, variants, LWMSG_TYPESPEC(variant_spec)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_ATTR_LENGTH_MEMBER(EnumDef, count),
    LWMSG_MEMBER_PSTR(EnumDef, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec field_spec[] = {
    LWMSG_STRUCT_BEGIN(FieldRep),
    LWMSG_MEMBER_TYPESPEC(FieldRep, type, lwmsg_type_rep_spec),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_PSTR(FieldRep, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec struct_def_spec[] = {
    LWMSG_STRUCT_BEGIN(StructDef),
    LWMSG_MEMBER_UINT16(StructDef, count),
    LWMSG_MEMBER_POINTER(StructDef, fields, LWMSG_TYPESPEC(field_spec)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_ATTR_LENGTH_MEMBER(StructDef, count),
    LWMSG_MEMBER_PSTR(StructDef, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec arm_spec[] = {
    LWMSG_STRUCT_BEGIN(ArmRep),
    LWMSG_MEMBER_TYPESPEC(ArmRep, type, lwmsg_type_rep_spec),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_UINT32(ArmRep, tag),
    LWMSG_MEMBER_PSTR(ArmRep, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec union_def_spec[] = {
    LWMSG_STRUCT_BEGIN(UnionDef),
    LWMSG_MEMBER_UINT16(UnionDef, count),
    LWMSG_MEMBER_POINTER(UnionDef, arms, LWMSG_TYPESPEC(arm_spec)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_ATTR_LENGTH_MEMBER(UnionDef, count),
    LWMSG_MEMBER_PSTR(UnionDef, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec integer_spec[] = {
    LWMSG_STRUCT_BEGIN(IntegerRep),
    LWMSG_MEMBER_POINTER(IntegerRep, definition, LWMSG_TYPESPEC(integer_def_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_UINT64(IntegerRep, lower),
    LWMSG_MEMBER_UINT64(IntegerRep, upper),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec enum_spec[] = {
    LWMSG_STRUCT_BEGIN(EnumRep),
    LWMSG_MEMBER_POINTER(EnumRep, definition, LWMSG_TYPESPEC(enum_def_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec struct_spec[] = {
    LWMSG_STRUCT_BEGIN(StructRep),
    LWMSG_MEMBER_POINTER(StructRep, definition, LWMSG_TYPESPEC(struct_def_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec union_spec[] = {
    LWMSG_STRUCT_BEGIN(UnionRep),
    LWMSG_MEMBER_POINTER(UnionRep, definition, LWMSG_TYPESPEC(union_def_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_INT16(UnionRep, discriminator),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec pointer_spec[] = {
    LWMSG_STRUCT_BEGIN(IndirectRep),
    LWMSG_MEMBER_TYPESPEC(IndirectRep, element, lwmsg_type_rep_spec),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_TYPESPEC(IndirectRep, zero_terminated, bool_spec),
    LWMSG_MEMBER_UINT32(IndirectRep, static_length),
    LWMSG_MEMBER_INT16(IndirectRep, length_member),
    LWMSG_MEMBER_PSTR(IndirectRep, encoding),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* One member is sent twice: the format has it so. */
static LWMsgTypeSpec array_spec[] = {
    LWMSG_STRUCT_BEGIN(IndirectRep),
    LWMSG_MEMBER_TYPESPEC(IndirectRep, element, lwmsg_type_rep_spec),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_TYPESPEC(IndirectRep, zero_terminated, bool_spec),
    LWMSG_MEMBER_UINT8(IndirectRep, zero_terminated),
    LWMSG_MEMBER_UINT32(IndirectRep, static_length),
    LWMSG_MEMBER_INT16(IndirectRep, length_member),
    LWMSG_MEMBER_PSTR(IndirectRep, encoding),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec info_spec[] = {
    LWMSG_UNION_BEGIN(TypeInfo),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, integer, integer_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_INTEGER),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, enumeration, enum_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_ENUM),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, structure, struct_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_STRUCT),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, union_, union_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_UNION),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, indirect, pointer_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_POINTER),
    LWMSG_MEMBER_TYPESPEC(TypeInfo, indirect, array_spec),
    LWMSG_ATTR_TAG(LWMSG_KIND_ARRAY),
    LWMSG_MEMBER_VOID(TypeInfo, nothing),
    LWMSG_ATTR_TAG(LWMSG_KIND_VOID),
    LWMSG_UNION_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec type_spec[] = {
    LWMSG_STRUCT_BEGIN(TypeRep),
    LWMSG_MEMBER_TYPESPEC(TypeRep, kind, kind_spec),
    LWMSG_MEMBER_TYPESPEC(TypeRep, flags, flags_spec),
    LWMSG_MEMBER_TYPESPEC(TypeRep, info, info_spec),
    LWMSG_ATTR_DISCRIM(TypeRep, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgTypeSpec lwmsg_type_rep_spec[] = {
    LWMSG_POINTER(LWMSG_TYPESPEC(type_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec message_spec[] = {
    LWMSG_STRUCT_BEGIN(MessageRep),
    LWMSG_MEMBER_INT16(MessageRep, tag),
    LWMSG_ATTR_RANGE(0, 32767),
    LWMSG_MEMBER_TYPESPEC(MessageRep, type, lwmsg_type_rep_spec),
    LWMSG_MEMBER_PSTR(MessageRep, name),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgTypeSpec relink_lwmsg_protocol_rep_spec[] = {
    LWMSG_STRUCT_BEGIN(ProtocolRep),
    LWMSG_MEMBER_UINT16(ProtocolRep, count),
    LWMSG_MEMBER_POINTER(ProtocolRep, messages, LWMSG_TYPESPEC(message_spec)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_ATTR_LENGTH_MEMBER(ProtocolRep, count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};
