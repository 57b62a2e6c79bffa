#include "textflag.h"

// func scoreGroupsAVX2(cells *float32, size, groups int, feature *int32, cut, value *float32, depth, trees int, into *float32)
// Y0 holds the leaves of a group, Y7 its sums.
TEXT ·scoreGroupsAVX2(SB), NOSPLIT, $0-72
	MOVQ cells+0(FP), SI
	MOVQ size+8(FP), R8
	MOVQ groups+16(FP), CX
	MOVQ depth+48(FP), R12
	MOVQ into+64(FP), DI
	VPCMPEQD Y8, Y8, Y8 // all ones
	VPSRLD $31, Y8, Y6  // 1 in each lane
	MOVQ CX, R13
	MOVQ R12, CX
	MOVQ $4, AX
	SHLQ CX, AX         // bytes of a tree's values
	MOVQ R13, CX

group:
	MOVQ feature+24(FP), R9
	MOVQ cut+32(FP), R10
	MOVQ value+40(FP), R11
	MOVQ trees+56(FP), DX
	VMOVUPS (DI), Y7

tree:
	VPXOR Y0, Y0, Y0
	VMOVDQA Y6, Y5
	MOVQ R12, BX

level:
	MOVLQSX (R9), R13
	VBROADCASTSS (R10), Y1
	VMOVUPS (SI)(R13*4), Y2
	VCMPPS $0x1E, Y1, Y2, Y3 // Y2 > Y1
	VPAND Y5, Y3, Y3
	VPOR Y3, Y0, Y0
	VPADDD Y5, Y5, Y5
	ADDQ $4, R9
	ADDQ $4, R10
	DECQ BX
	JNZ level

	VMOVDQA Y8, Y4
	VPXOR Y3, Y3, Y3
	VGATHERDPS Y4, (R11)(Y0*4), Y3
	VADDPS Y3, Y7, Y7
	ADDQ AX, R11
	DECQ DX
	JNZ tree

	VMOVUPS Y7, (DI)
	ADDQ $32, DI
	ADDQ R8, SI
	DECQ CX
	JNZ group
	VZEROUPPER
	RET
